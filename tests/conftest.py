"""What all tests share: hypothesis profiles. `make fuzz` uses `fuzz`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Machines that run the suite are shared and slow at times: a deadline would measure them, not the code.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", parent=settings.get_profile("default"), max_examples=20_000)
settings.load_profile("default")
