"""h5grove itself behind its own FastAPI router: `server.py FOLDER PORT`."""

import sys
from contextlib import asynccontextmanager

import uvicorn
from anyio import to_thread
from fastapi import FastAPI
from h5grove.fastapi_utils import router, settings

settings.base_dir = sys.argv[1]


@asynccontextmanager
async def one_at_a_time(_):
    """The HDF5 library below h5py is not made for threads: with several at once it has been seen to crash."""
    to_thread.current_default_thread_limiter().total_tokens = 1
    yield


app = FastAPI(lifespan=one_at_a_time)
app.include_router(router)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical")
