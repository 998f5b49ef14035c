"""What all sections of the policy file share."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Settings of which nothing unknown is let in, and nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")
