"""The reading desk alone, without models and tabs: ``python -m dashboards.reading_desk --port 7861``.

For a study on a small machine: it takes the store that `LESION_READINGS_URL` names, where the app set the study up.
"""

from __future__ import annotations

import argparse
import os

import uvicorn
from starlette.applications import Starlette

from dashboards.reading_desk.routes import PREFIX, reading_routes
from lesion_core.notice import NOTICE


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=f"Serve the reading desk alone. {NOTICE}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7861"))
    parser.add_argument("--port", type=int, default=port, help="port to listen on (GRADIO_SERVER_PORT)")
    flags = parser.parse_args()
    print(f"reading desk on http://{flags.host}:{flags.port}{PREFIX}/", flush=True)
    uvicorn.run(Starlette(routes=reading_routes()), host=flags.host, port=flags.port, log_level="warning")


if __name__ == "__main__":
    main()
