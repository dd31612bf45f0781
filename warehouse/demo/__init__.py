"""The demo city (演示数据): a made-up history of petitions and hotline items, the same for the same seed."""

from warehouse.demo.generator import build

__all__ = ["build"]
