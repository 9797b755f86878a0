"""Policy unit tests: YAML files of policies, requests and expected decisions; how they are run and reported."""
