using System.Diagnostics.Metrics;
using Orchestrator.Actors.Supervisor;

namespace Orchestrator.Host.Telemetry;

/// <summary>
/// Some gauges in a meter. Exporters keep room for every set of labels that they were ever told, but for no more than
/// <see cref="MaxSeries"/> of an instrument: before there are more, it begins anew with another meter, of the same name.
/// </summary>
internal sealed class GaugeMeter(string name, IReadOnlyList<Gauge> gauges) : IDisposable
{
    /// <summary>OpenTelemetry's limit is 2000.</summary>
    public const int MaxSeries = 1900;

    private readonly HashSet<string>[] _seen = [.. gauges.Select(_ => new HashSet<string>(StringComparer.Ordinal))];
    private volatile IReadOnlyList<Measurement<double>[]> _values = [];
    private Meter _meter = new(name);

    public bool HasValues => _values.Count > 0;

    /// <summary>To be called when listeners are there that have to know of the instruments from the beginning.</summary>
    public void Open()
    {
        for (var i = 0; i < gauges.Count; i++)
        {
            var (gauge, index) = (gauges[i], i);
            _meter.CreateObservableGauge(gauge.Name, () => _values is { Count: > 0 } values ? values[index] : [], gauge.Unit, gauge.Description);
        }
    }

    public void Show(SupervisorPicture picture)
    {
        var values = gauges.Select(gauge => gauge.Read(picture).ToArray()).ToList();
        if (!HasRoomFor(values))
        {
            _meter.Dispose();
            _meter = new Meter(name);
            Array.ForEach(_seen, seen => seen.Clear());
            HasRoomFor(values);
            Open();
        }

        _values = values;
    }

    public void Hide() => _values = [];

    public void Dispose() => _meter.Dispose();

    private bool HasRoomFor(List<Measurement<double>[]> values)
    {
        var hasRoom = true;
        for (var i = 0; i < values.Count; i++)
        {
            foreach (var value in values[i])
            {
                _seen[i].Add(Labels(value.Tags));
            }

            hasRoom &= _seen[i].Count <= MaxSeries;
        }

        return hasRoom;
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new System.Text.StringBuilder();
        foreach (var tag in tags)
        {
            labels.Append(tag.Value).Append('\n');
        }

        return labels.ToString();
    }
}
