"""``insyn up`` starts the proxy where models are configured for it, and says where it listens."""

from __future__ import annotations

import json

import httpx
from gateway_kit import a_town
from proxy_kit import Model, an_upstream

from insyn.cli.up import NAMES, Services


def test_the_proxy_runs_only_where_models_are_configured() -> None:
    model = Model()
    with a_town() as town, Services(town.home, environment={"INSYN_HTTPS": "0"}) as services:
        assert services.names == NAMES
        upstream = an_upstream(model, callers="programs", client_key_file="", credential_file="")
        town.home.proxies.write_text(json.dumps({"upstreams": {"assistent": upstream}}))
        assert services.names == ("sequencer", "relay", "publisher", "front", "proxy", "web")
        services.start(["sequencer", "proxy"])
        assert httpx.get(f"{services.proxy_url}/v2/health/ready", timeout=20).json()["ready"]
        assert set(services.stop()) == {"sequencer", "proxy"}
    model.close()
