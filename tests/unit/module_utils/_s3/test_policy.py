"""When two policies of a bucket say the same."""

from ansible_collections.railyard.fargate.plugins.module_utils._core.policy import same
from ansible_collections.railyard.fargate.plugins.module_utils._s3 import policy


def test_policies_that_say_the_same() -> None:
    one = policy.document("arn:aws:s3:::b", [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "*"}])
    other = policy.document("arn:aws:s3:::b", [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": ["*"]}])
    other["Statement"].reverse()
    assert same(one, other)
    assert not same(one, policy.document("arn:aws:s3:::b", [])) and not same(None, one)
