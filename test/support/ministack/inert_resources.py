"""Resources of a template that ministack does not know, and that nothing in it would use: they get a name, no more.

Their properties are checked by cfn-lint in the tests of the templates, not here.
"""
from ministack.services.cloudformation import provisioners


def named(*properties):
    """A create that names the resource by the first of its properties that is there, else by its logical id."""

    def create(logical_id, props, stack_name):
        given = [props[name] for name in properties if props.get(name)]
        name = given[0] if given else f"{stack_name}-{logical_id}"
        return name, {"Arn": f"arn:aws:inert:::{name}"}

    return create


def keep(physical_id, old_props, new_props, stack_name):
    return physical_id, {}


def forget(physical_id, props):
    pass


def inert(create):
    return {"create": create, "update": keep, "delete": forget}


handlers = provisioners._RESOURCE_HANDLERS
handlers["AWS::CloudWatch::CompositeAlarm"] = inert(named("AlarmName"))
handlers["AWS::Logs::QueryDefinition"] = inert(named("Name"))

# Alarms over one metric it has, those over a sum of several it refuses.
alarm = dict(handlers["AWS::CloudWatch::Alarm"])
sums = inert(named("AlarmName"))


def create_alarm(logical_id, props, stack_name):
    return (sums if props.get("Metrics") else alarm)["create"](logical_id, props, stack_name)


def update_alarm(physical_id, old_props, new_props, stack_name, logical_id=None):
    if new_props.get("Metrics"):
        return sums["update"](physical_id, old_props, new_props, stack_name)
    return alarm["update"](physical_id, old_props, new_props, stack_name, logical_id)


def delete_alarm(physical_id, props):
    (sums if props.get("Metrics") else alarm)["delete"](physical_id, props)


handlers["AWS::CloudWatch::Alarm"] = {
    "create": create_alarm,
    "update": update_alarm,
    "update_with_logical_id": True,
    "delete": delete_alarm,
}
