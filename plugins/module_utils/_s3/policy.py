# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bucket policies: the statement that every bucket has."""

from __future__ import annotations

from typing import Any


def document(arn: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy that refuses requests without TLS, and `statements` (AWS's shape) besides."""
    tls = {
        "Sid": "OnlyWithTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [tls, *statements]}
