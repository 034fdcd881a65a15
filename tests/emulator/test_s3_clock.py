"""S3's own clock, by which the age of an object is told."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

from tests.support.emulated import REGION, Emulated


def test_an_object_grows_older_as_time_passes(emulated: Emulated) -> None:
    s3 = emulated.client("s3")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": REGION})

    def age(key: str) -> timedelta:
        answer = s3.get_object(Bucket="shop", Key=key)
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]) - answer["LastModified"]

    s3.put_object(Bucket="shop", Key="old", Body=b"")
    emulated.advance(600 * 3600)  # An hour, at the speed of these tests.
    s3.put_object(Bucket="shop", Key="new", Body=b"")
    assert age("old") >= timedelta(hours=1) > age("new") >= timedelta(0)
