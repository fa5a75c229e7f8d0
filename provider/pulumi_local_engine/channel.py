"""How program, provider and engine talk over gRPC. The one private corner of the SDK that the local engine needs."""

from __future__ import annotations

from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS as CHANNEL_OPTIONS

__all__ = ["CHANNEL_OPTIONS"]
# Messages of up to 400 MB, as the SDK's own ends of a connection take them. gRPC's default is 4 MB, and a list of
# 64,000 contacts is more than that with its state. Seen in SDK 3.231 to 3.272.
