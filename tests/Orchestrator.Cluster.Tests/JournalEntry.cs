using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Cluster.Tests;

/// <summary>A fact in the journal.</summary>
/// <param name="Ordering">Its number in the whole journal.</param>
/// <param name="Id">Whose history it belongs to: the supervisor's or a run's.</param>
/// <param name="Created">When it was stored; the same for all facts of one request, which become lasting together.</param>
/// <param name="Kind">What happened, and where, but not how often: <c>run step-started 2</c>.</param>
internal sealed record JournalEntry(long Ordering, string Id, long Created, string Kind, string Manifest, byte[] Message)
{
    /// <summary>The kind of fact, for example <c>step-started</c>.</summary>
    public string Type => Field("event", "type") ?? Manifest[(Manifest.LastIndexOf(':') + 1)..];

    /// <summary>Number of the step of a run's fact; 0 if it belongs to none.</summary>
    public int Step => int.Parse(Field("step") ?? "0", CultureInfo.InvariantCulture);

    public bool IsOfRun => Id.StartsWith("run-", StringComparison.Ordinal);

    /// <summary>The address of the process whose reign begins with this fact; empty for any other fact.</summary>
    public string NewHost => Type == "supervisor-started" ? Field("host")! : "";

    /// <summary>True if nobody can die between the two.</summary>
    public bool IsStoredWith(JournalEntry other) => Id == other.Id && Created == other.Created;

    private string? Field(params ReadOnlySpan<string> path)
    {
        using var json = JsonDocument.Parse(Message);
        var element = json.RootElement;
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.ToString();
    }
}
