"""The whole product under load and under fire: `python -m tests.faults`, or `make faults`.

Real processes serve a sample world; senders, officers and an operator keep working while processes, servers, disks and
connections fail. When all has drained, what was promised is compared with what is there, in every database and topic.

| module | what it does |
| --- | --- |
| `site` | the product with each role as a process of its own |
| `wire`, `cast`, `senders`, `officers` | the load: signed webhooks, officers' decisions, an operator's entries |
| `story` | what was sent and taken: the truth that everything is compared with |
| `acts`, `disk`, `plan` | the faults, and their order by a seed |
| `found`, `tap` | what stands in databases and topics, read as owner |
| `recompute`, `checks`, `order`, `outside` | the comparison: pure functions over plain data |
| `drain`, `rounds`, `run`, `path`, `report` | one round after the other, and what they came to |
| `replays`, `away` | the same delivery five times at once; title review away |

A seed fixes what is sent and which faults come in which order; what they meet is up to the machine. A run ends with
exit code 1 when anything was lost, doubled, out of order or diverged, when an answer was not what it must be, or when
the backlog took a minute to drain.
"""
