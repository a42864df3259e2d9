using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Members;
using Orchestrator.Core.Nodes;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Telemetry;

/// <summary>docs/metrics.md against the instruments.</summary>
public sealed class MetricsDocumentTests
{
    private readonly SortedDictionary<string, (Instrument Instrument, string Labels)> _found = new(StringComparer.Ordinal);

    [Fact]
    public async Task Every_instrument_is_documented_with_its_unit_type_labels_and_meaning_and_no_other()
    {
        // Other tests publish theirs meanwhile.
        var published = new ConcurrentQueue<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name.StartsWith("orchestrator.", StringComparison.Ordinal))
            {
                published.Enqueue(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Found(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Found(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Found(instrument, tags));
        await using var api = await ApiHost.Start();
        listener.Start();
        foreach (var instrument in published.Where(instrument => instrument.Meter.Name == api.Metrics.MeterName).ToList())
        {
            listener.EnableMeasurementEvents(instrument);
            _found[instrument.Name] = (instrument, "?");
        }

        api.Metrics.Show(MetricSamples.Picture);
        api.Metrics.Note(MetricSamples.Happened);
        api.Metrics.Note(new JournalWritten("run", TimeSpan.FromSeconds(1)));
        api.Metrics.Note(new JobPolled("main", "one", "running"));
        api.Metrics.Note(new WritesHeld("main", WritesHeld.ByStepDown, TimeSpan.FromSeconds(1)));
        listener.RecordObservableInstruments();
        var types = (await Scrape.Of(api.Client)).Types;

        var rows = _found.Values.Select(entry => Row(entry.Instrument, entry.Labels, types)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(rows, Documented());
    }

    private static string Row(Instrument instrument, string labels, IReadOnlyDictionary<string, string> types)
    {
        var name = instrument.Name.Replace('.', '_');
        var exported = types.Keys.Single(type => type == name || type == $"{name}_{Suffix(instrument)}" || type == $"{name}_{Suffix(instrument)}_total" || type == $"{name}_total");
        return $"| `{instrument.Name}` | {instrument.Unit} | `{exported}` | {types[exported]} | {labels} | {instrument.Description} |";
    }

    private static string Suffix(Instrument instrument) => instrument.Unit switch
    {
        "By" => "bytes",
        "s" => "seconds",
        _ => "",
    };

    private static List<string> Documented() =>
    [
        .. File.ReadLines(Repository.PathOf("docs", "metrics.md"))
            .Where(line => line.StartsWith("| `orchestrator.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private void Found(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = new List<string>();
        foreach (var tag in tags)
        {
            names.Add(tag.Key);
        }

        _found[instrument.Name] = (instrument, string.Join(", ", names));
    }
}
