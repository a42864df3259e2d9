using System.Globalization;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>What a compaction is to be, by the options of a run.</summary>
/// <param name="Partition">Its name; empty for all.</param>
/// <param name="Channel">Its name; empty for all.</param>
/// <param name="Segments">Their ids; none for all.</param>
/// <param name="TargetSizeMB">0 for the server's own.</param>
internal sealed record MilvusDirectives(bool IsClustering, bool IsL0, string Partition, string Channel, IReadOnlyList<long> Segments, long TargetSizeMB)
{
    /// <summary>Whether only gRPC can order it.</summary>
    public bool NeedsGrpc => IsL0 || Partition.Length > 0 || Channel.Length > 0 || Segments.Count > 0 || TargetSizeMB > 0;

    /// <param name="collections">How many collections the options are for.</param>
    /// <exception cref="EngineException">A value is none, or two do not go together.</exception>
    public static MilvusDirectives Read(OptionValues options, int collections)
    {
        var read = new MilvusDirectives(
            options.IsOn(MilvusCapabilities.Clustering),
            options.IsOn(MilvusCapabilities.L0),
            Text(options, MilvusCapabilities.Partition),
            Text(options, MilvusCapabilities.Channel),
            [.. Text(options, MilvusCapabilities.Segments).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Segment)],
            options.Whole(MilvusCapabilities.TargetSize, 0));
        var problem = read switch
        {
            { IsClustering: true, IsL0: true } => $"{MilvusCapabilities.Clustering} and {MilvusCapabilities.L0} do not go together: a compaction is one of the two",
            { TargetSizeMB: > 0 } when read.IsClustering || read.IsL0 =>
                $"{MilvusCapabilities.TargetSize} does not go with {(read.IsL0 ? MilvusCapabilities.L0 : MilvusCapabilities.Clustering)}: leave one of the two out",
            { Channel.Length: > 0 } when collections > 1 => OneCollection(MilvusCapabilities.Channel, collections),
            { Segments.Count: > 0 } when collections > 1 => OneCollection(MilvusCapabilities.Segments, collections),
            _ => "",
        };
        return problem.Length == 0 ? read : throw new EngineException(EngineFault.Failed, problem);
    }

    private static string OneCollection(string option, int collections) => string.Create(
        CultureInfo.InvariantCulture, $"{option} belongs to one collection, and the run has {collections}: name that collection");

    private static string Text(OptionValues options, string name) => options.Given.GetValueOrDefault(name) switch
    {
        null => "",
        OptionValue.Text { Value: var value } when value.Trim().Length > 0 => value.Trim(),
        _ => throw new EngineException(EngineFault.Failed, $"{name} must not be empty: leave it out for all"),
    };

    private static long Segment(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0
        ? id
        : throw new EngineException(EngineFault.Failed, $"{MilvusCapabilities.Segments} must be ids of segments with commas between them, and '{text}' is none");
}
