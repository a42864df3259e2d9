using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Storage;

namespace Orchestrator.Host.Http.Data;

/// <summary>Reads the lines of a bulk.</summary>
internal static class BulkReader
{
    /// <summary>Documents in one bulk at most.</summary>
    public const int MaxLines = 10_000;

    private const int MaxErrors = 100;

    /// <summary>Reads all lines; empty ones are skipped. Errors are named <c>line 1</c> and so on.</summary>
    /// <param name="deletes">Whether the documents of the lines are to be deleted.</param>
    public static (IReadOnlyList<BulkWrite> Writes, IReadOnlyList<FieldErrorDto> Errors) Read(ReadOnlyMemory<byte> ndjson, bool deletes)
    {
        var writes = new List<BulkWrite>();
        var errors = new List<FieldErrorDto>();
        var number = 0;
        while (!ndjson.IsEmpty && errors.Count < MaxErrors)
        {
            number++;
            var end = ndjson.Span.IndexOf((byte)'\n');
            var line = end < 0 ? ndjson : ndjson[..end];
            ndjson = end < 0 ? default : ndjson[(end + 1)..];
            line = Trim(line);
            if (line.IsEmpty)
            {
                continue;
            }

            if (writes.Count == MaxLines)
            {
                errors.Add(new FieldErrorDto($"line {number}", $"a bulk must not have more than {MaxLines} documents; send it in pieces"));
                break;
            }

            if (ReadLine(line, deletes, writes) is { } reason)
            {
                errors.Add(new FieldErrorDto($"line {number}", reason));
            }
        }

        if (writes.Count == 0 && errors.Count == 0)
        {
            errors.Add(new FieldErrorDto("body", "holds no document"));
        }

        return (writes, errors);
    }

    private static string? ReadLine(ReadOnlyMemory<byte> line, bool deletes, List<BulkWrite> writes)
    {
        if (DocumentRules.WhyBodyIsInvalid(line.Span) is { } reason)
        {
            return reason == DocumentRules.Incomplete ? $"{reason}; give one document per line" : reason;
        }

        var (id, problem) = DocumentId.Of(line.Span, isStored: deletes);
        if (id is null)
        {
            return problem ?? "has no id: give it in id or _id";
        }

        writes.Add(new BulkWrite(id, deletes ? default : line));
        return null;
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line)
    {
        var span = line.Span;
        var start = span.IndexOfAnyExcept(" \t\r"u8);
        return start < 0 ? default : line[start..(span.LastIndexOfAnyExcept(" \t\r"u8) + 1)];
    }
}
