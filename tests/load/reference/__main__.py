"""Runs the reference at `REFERENCE_PORT`, with the same event loop and log level as the services have."""

import os

import uvicorn

from tests.load.reference.app import app

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["REFERENCE_PORT"]), access_log=False, log_level="warning")
