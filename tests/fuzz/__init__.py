"""The webhook's edge under fire: `make fuzz` sends 100,000 of each, the tests here a short seeded part of it.

| what | where |
| --- | --- |
| a gateway as a process, platforms whose keys are known | `gateway`, asked by `client` |
| genuine requests; what is done to what was signed, by kind | `requests`, `mutations` |
| odd bodies, validly signed, by kind | `odd` |
| how each answer is judged | `judge`, `receipts` |
| what is left in the database and the log | `effects` |
| too much of everything, and what refusing it costs | `bounds`, measured by `watch` |
| receivers that are lax, so that the fuzzer is seen to find them | `receiver`, `lax` |
| the whole of it, and its report | `run`, `__main__` |

Choices depend on the seed alone; keys and timestamps are those of the run. A mutant that is answered otherwise than
its kind must be, or a body that is answered wrongly, stands in the report with its number and its bytes.
"""
