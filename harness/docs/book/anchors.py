"""A hook of mkdocs: headings get the anchors that GitHub gives them, so that a link holds in both places."""

import re


def anchor(heading, _separator):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def on_config(config):
    config["mdx_configs"].setdefault("toc", {})["slugify"] = anchor
    return config
