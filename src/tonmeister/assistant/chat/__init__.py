"""Chat over the tools: plain commands without a model; with one, its prose is checked against what the tools returned."""

from tonmeister.assistant.chat.claims import check_claims as check_claims
from tonmeister.assistant.chat.commands import CommandChat as CommandChat

__all__ = ["CommandChat", "check_claims"]
