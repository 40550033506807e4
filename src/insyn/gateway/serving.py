"""The web server of front and proxies: Granian over RSGI, on this machine only."""

from __future__ import annotations

from granian.constants import HTTPModes, Interfaces
from granian.server import Server


def serve(target: str, *, port: int, workers: int, factory: bool = True, respawn: bool = False) -> None:
    """Serve until told to end. ``target``: ``module:name`` of the application, or of what makes it in each worker."""
    Server(
        target,
        factory=factory,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        workers=workers,
        respawn_failed_workers=respawn,
        websockets=False,
    ).serve()
