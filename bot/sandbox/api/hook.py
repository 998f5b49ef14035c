"""The App's webhook: its configuration, the log of deliveries, and sending one again."""

from bot.sandbox.clock import stamp
from bot.sandbox.hooks import Delivery
from bot.sandbox.routing import Routes
from bot.sandbox.state import Json
from bot.sandbox.wire import Call, Reply, link, not_found, page_size

routes = Routes()


@routes.add("GET", "/app/hook/config", callers=("app",))
def get_config(call: Call) -> Reply:
    """Return where the webhook goes; the secret is masked."""
    app = call.state.app
    url = app.receiver or call.urls.html
    insecure = "0" if app.checks_certificate else "1"
    secret = {"secret": "********"} if app.webhook_secret else {}
    return Reply(body={"content_type": app.content_type, "insecure_ssl": insecure, "url": url} | secret)


@routes.add("GET", "/app/hook/deliveries", callers=("app",))
def list_deliveries(call: Call) -> Reply:
    """Return the deliveries of the last three days, newest first, by cursor, with one outcome if asked."""
    log, size = [each for each in call.desk.hooks.log() if _is_wanted(call, each)], page_size(call)
    cursor = call.query.get("cursor", "")
    if cursor.isdigit():
        log = [delivery for delivery in log if delivery.id <= int(cursor)]
    more = {"next": {"cursor": str(log[size].id), "per_page": str(size)}} if len(log) > size else {}
    return Reply(body=[_item(delivery) for delivery in log[:size]], headers=link(call, more))


@routes.add("GET", "/app/hook/deliveries/{id}", callers=("app",))
def get_delivery(call: Call) -> Reply:
    """Return one delivery with what was sent and answered."""
    delivery = _delivery(call)
    url = call.state.app.receiver or call.urls.html
    request = {"headers": delivery.headers, "payload": delivery.payload}
    response = {"headers": delivery.response_headers, "payload": delivery.response_body}
    return Reply(body=_item(delivery) | {"url": url, "request": request, "response": response})


@routes.add("POST", "/app/hook/deliveries/{id}/attempts", callers=("app",))
def redeliver(call: Call) -> Reply:
    """Send a delivery again, under the same GUID."""
    call.desk.hooks.redeliver(_delivery(call))
    return Reply(202, {})


def _is_wanted(call: Call, delivery: Delivery) -> bool:
    match call.query.get("status"):
        case "success":
            return 200 <= delivery.status_code < 400
        case "failure":
            return 400 <= delivery.status_code < 600
    return True


def _delivery(call: Call) -> Delivery:
    wanted = int(call.params["id"])
    found = next((delivery for delivery in call.desk.hooks.log() if delivery.id == wanted), None)
    if found is None:
        raise not_found()
    return found


def _item(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": stamp(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }
