"""The bench: `make bench` measures the pipeline with real processes and writes `build/bench.json`; nothing is asserted.

| what | where |
| --- | --- |
| accepting, in rounds on one PostgreSQL | `webhook`: `accepts`, `single`, `yardstick` with `reference/` |
| the limit: COPY of the very rows that accepting has written | `limit`, for the chain with `pilot` |
| the whole chain on both buses, latency at half load | `chain`, on a `site` with a `world`, by `watch` and `outside` |
| cost of a record by the size of the ledger | `growth`, with `prefill` |
| everybody recomputed, a draft previewed, on a ledger of a million entries | `recomputing` |
| load: made and signed beforehand, sent by a process of its own | `deliveries`, `sender`, `sending` |
| CPU by process, figures, the table | `cpu`, `figures`, `machine`, `report` |

All of it shares the machine: PostgreSQL, broker, services and load generator. Ratios are taken within a round, so that
what slows one slows the other; reported are medians of the rounds. Not counted is the CPU of the bench's own process,
which prepares, watches and reads the topic; its looks are in PostgreSQL's share.
"""
