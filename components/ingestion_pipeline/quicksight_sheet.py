"""The definition of a QuickSight dashboard, generated from the schema."""

from typing import Any

from .schema import TelemetrySchema

Part = dict[str, Any]
"""A part of a definition, in the form of the QuickSight API and of CloudFormation."""


def definition(schema: TelemetrySchema, data_set_arn: str) -> Part:
    """Return a definition with one sheet for the data set of `recent_query`.

    https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardVersionDefinition.html
    """
    sheet = _Sheet(schema)
    return {
        "DataSetIdentifierDeclarations": [
            {"Identifier": schema.table, "DataSetArn": data_set_arn},
        ],
        "Sheets": [
            {
                "SheetId": schema.table,
                "Name": schema.table.capitalize(),
                "Visuals": [
                    sheet.rates(),
                    *(sheet.measure(each) for each in schema.measures),
                    sheet.devices(),
                ],
            }
        ],
    }


class _Sheet:
    def __init__(self, schema: TelemetrySchema) -> None:
        self._schema = schema
        self._id, self._device = schema.keys["id"], schema.keys["device"]
        self._time = schema.keys["time"]

    def rates(self) -> Part:
        """Readings per hour."""
        wells = {"Category": [self._hour("rates")], "Values": [self._count("rates")]}
        chart = {
            "FieldWells": {"BarChartAggregatedFieldWells": wells},
            "Orientation": "VERTICAL",
        }
        return {"BarChartVisual": _visual("rates", "Readings per hour", chart)}

    def measure(self, name: str) -> Part:
        """Median and 99th percentile of a measure per hour."""
        id_, lines = f"measure-{name}", []
        for percent in (50, 99):
            percentile = {"PercentileAggregation": {"PercentileValue": percent}}
            lines.append(self._number(name, f"{id_}-p{percent}", percentile))
        wells = {"Category": [self._hour(id_)], "Values": lines}
        chart = {"FieldWells": {"LineChartAggregatedFieldWells": wells}}
        return {"LineChartVisual": _visual(id_, f"{name}: median and 99th percentile", chart)}

    def devices(self) -> Part:
        """Table with a row per device."""
        device = {"FieldId": "devices-device", "Column": self._column(self._device)}
        measures = self._schema.measures
        average = {"SimpleNumericalAggregation": "AVERAGE"}
        wells = {
            "GroupBy": [{"CategoricalDimensionField": device}],
            "Values": [
                self._count("devices"),
                *(self._number(each, f"devices-avg-{each}", average) for each in measures),
            ],
        }
        chart = {"FieldWells": {"TableAggregatedFieldWells": wells}}
        return {"TableVisual": _visual("devices", "Devices: readings and averages", chart)}

    def _hour(self, visual: str) -> Part:
        field = {
            "FieldId": f"{visual}-hour",
            "Column": self._column(self._time),
            "DateGranularity": "HOUR",
        }
        return {"DateDimensionField": field}

    def _count(self, visual: str) -> Part:
        field = {
            "FieldId": f"{visual}-readings",
            "Column": self._column(self._id),
            "AggregationFunction": "COUNT",
        }
        return {"CategoricalMeasureField": field}

    def _number(self, name: str, field_id: str, aggregation: Part) -> Part:
        field = {
            "FieldId": field_id,
            "Column": self._column(name),
            "AggregationFunction": aggregation,
        }
        return {"NumericalMeasureField": field}

    def _column(self, name: str) -> Part:
        return {"DataSetIdentifier": self._schema.table, "ColumnName": name}


def _visual(id_: str, title: str, chart: Part) -> Part:
    return {
        "VisualId": id_,
        "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": title}},
        "ChartConfiguration": chart,
    }
