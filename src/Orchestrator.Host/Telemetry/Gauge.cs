using System.Diagnostics.Metrics;
using Orchestrator.Actors.Supervisor;

namespace Orchestrator.Host.Telemetry;

/// <summary>A value that follows from what the supervisor knows. docs/metrics.md lists all of them.</summary>
/// <param name="Unit">By UCUM; in braces what is counted, empty for a number of no unit.</param>
/// <param name="Read">One value for each set of labels.</param>
internal sealed record Gauge(string Name, string Unit, string Description, Func<SupervisorPicture, IEnumerable<Measurement<double>>> Read)
{
    /// <summary>A value with its labels.</summary>
    public static Measurement<double> Value(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            tags[i] = KeyValuePair.Create(labels[i].Name, (object?)labels[i].Value);
        }

        return new Measurement<double>(value, tags);
    }

    /// <summary>Seconds since 1970, as Prometheus wants points in time.</summary>
    public static double Timestamp(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).TotalSeconds;

    public static double Flag(bool value) => value ? 1 : 0;
}
