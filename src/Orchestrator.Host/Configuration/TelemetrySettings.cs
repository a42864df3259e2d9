namespace Orchestrator.Host.Configuration;

/// <summary>Who is given metrics, and how many.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>Whether the HTTP server answers at <c>/metrics</c>.</summary>
    public required bool Prometheus { get; init; }

    /// <summary>How often the supervisor's figures are taken.</summary>
    public required TimeSpan RefreshInterval { get; init; }

    /// <summary>Units with series of their own.</summary>
    public required int MaxUnits { get; init; }

    public required OtlpSettings Otlp { get; init; }

    /// <summary>Whether anybody is given metrics.</summary>
    public bool IsOn => Prometheus || Otlp.Endpoint is not null;
}

/// <summary>Where metrics are sent by OTLP.</summary>
internal sealed record OtlpSettings
{
    /// <summary>Base URL of the collector; null: nothing is sent.</summary>
    public required Uri? Endpoint { get; init; }

    public required OtlpProtocol Protocol { get; init; }

    /// <summary>name=value, separated by commas. May hold a token.</summary>
    public required Secret Headers { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>Of one attempt.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>The names in the file are the same in small letters.</summary>
internal enum OtlpProtocol
{
    Grpc,
    Http,
}
