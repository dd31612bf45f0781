"""Makes the services available to every test by naming their fixture."""

pytest_plugins = ["tests.services.postgresql", "tests.services.suite", "tests.services.browser"]
