namespace Orchestrator.Host.Configuration;

/// <summary>Reads who is given metrics.</summary>
internal static class TelemetryBinder
{
    public static TelemetrySettings ReadTelemetry(SettingsReader telemetry) => new()
    {
        Prometheus = telemetry.Switch("prometheus"),
        RefreshInterval = telemetry.Duration("refresh-interval", "100ms", "10m"),
        MaxUnits = telemetry.WholeNumber("max-units", 0, 1000),
        Otlp = ReadOtlp(telemetry.Section("otlp")),
    };

    private static OtlpSettings ReadOtlp(SettingsReader otlp) => new()
    {
        Endpoint = ReadEndpoint(otlp),
        Protocol = otlp.Choice("protocol", new Dictionary<string, OtlpProtocol> { ["grpc"] = OtlpProtocol.Grpc, ["http"] = OtlpProtocol.Http }),
        Headers = ReadHeaders(otlp),
        Interval = otlp.Duration("interval", "1s", "1h"),
        Timeout = otlp.Duration("timeout", "100ms", "5m"),
    };

    private static Uri? ReadEndpoint(SettingsReader otlp)
    {
        var text = otlp.Text("endpoint");
        if (text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Query.Length == 0
            ? url
            : otlp.Fail<Uri?>("endpoint", "expected a URL such as http://collector:4317, without user, password and query", null);
    }

    private static Secret ReadHeaders(SettingsReader otlp)
    {
        var headers = otlp.Secret("headers");
        return headers.Value.Split(',', StringSplitOptions.RemoveEmptyEntries).All(header => header.IndexOf('=', StringComparison.Ordinal) > 0)
            ? headers
            : otlp.Fail("headers", "expected name=value, several with commas between them", Secret.None);
    }
}
