using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Demo;

/// <summary>Chooses the fields that the demo indexes: the scalar ones that most documents have.</summary>
internal sealed partial class IndexChooser
{
    private const int IndexCount = 2;
    private const int SampleSize = 500;
    private const int MaxFields = 1000;

    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private int seen;

    public void Look(InputDocument document)
    {
        if (seen >= SampleSize)
        {
            return;
        }

        seen++;
        using var parsed = JsonDocument.Parse(document.Body);
        foreach (var field in parsed.RootElement.EnumerateObject())
        {
            var isScalar = field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
            if (isScalar && field.Name is not ("_id" or "id") && PlainName().IsMatch(field.Name) && order.Count < MaxFields)
            {
                if (!counts.TryGetValue(field.Name, out var count))
                {
                    order.Add(field.Name);
                }

                counts[field.Name] = count + 1;
            }
        }
    }

    /// <summary>Two indexes with their paths; fields that come first in the documents win ties.</summary>
    public IReadOnlyList<(string Name, string Path)> Choose()
    {
        var chosen = order.OrderByDescending(name => counts[name]).Take(IndexCount).ToList();

        // Documents without such fields still get their two indexes: those of the ids they carry.
        foreach (var field in (string[])["_id", "id"])
        {
            if (chosen.Count < IndexCount)
            {
                chosen.Add(field);
            }
        }

        return [.. chosen.Select(name => ($"by-{name}", $"$.{name}"))];
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]{0,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
