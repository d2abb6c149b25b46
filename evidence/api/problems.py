"""What is answered where there is no answer: RFC 9457, naming each parameter that was not understood."""

from http import HTTPStatus

from django.http import JsonResponse
from ninja import Schema
from pydantic import Field


class ParameterProblem(Schema):
    """What is wrong with one parameter."""

    parameter: str = Field(description="Its name.")
    message: str = Field(description="What is wrong with it, for people.")


class Problem(Schema):
    """Why there is no answer (RFC 9457)."""

    type: str = Field(description="Always “about:blank”: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.", examples=["Bad Request"])
    status: int = Field(description="The status as a number.", examples=[400])
    detail: str = Field(description="What is wrong, for people.")
    errors: list[ParameterProblem] = Field(description="Each parameter that was not understood.")


class Refusal(Exception):
    """There is no answer: the status, why, and the parameters that it lies in, as (name, message)."""

    def __init__(self, status: int, detail: str, errors: list[tuple[str, str]] | None = None) -> None:
        self.status = status
        self.detail = detail
        self.errors = errors or []
        super().__init__(detail)


def bad_request(errors: list[tuple[str, str]]) -> Refusal:
    return Refusal(400, "This address was not understood.", errors)


def answer(refusal: Refusal) -> JsonResponse:
    """The refusal as it is sent."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(refusal.status).phrase,
            "status": refusal.status,
            "detail": refusal.detail,
            "errors": [{"parameter": name, "message": message} for name, message in refusal.errors],
        },
        status=refusal.status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
