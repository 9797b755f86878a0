"""All engines under measurement, the one they are compared with first."""

from __future__ import annotations

from bench.decisions.abac import PY_ABAC
from bench.decisions.casbin_engine import CASBIN
from bench.decisions.cedar import CEDAR
from bench.decisions.moto_engine import MOTO
from bench.decisions.rolecall_engine import ROLECALL
from bench.decisions.vakt_engine import VAKT

ENGINES = (ROLECALL, CEDAR, VAKT, PY_ABAC, CASBIN, MOTO)
