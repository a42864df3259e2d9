using System.Globalization;

namespace Orchestrator.Engines.Milvus;

/// <summary>The flushed segments of a collection.</summary>
/// <param name="Data">How many hold rows.</param>
/// <param name="Small">How many of them are so small that Milvus merges them.</param>
/// <param name="SmallBytes">Below it one is small.</param>
/// <param name="Deletions">How many hold deletions that wait (level 0).</param>
internal sealed record MilvusSegments(int Data, int Small, long SmallBytes, int Deletions)
{
    private const int Flushed = 4;
    private const int Level0 = 1;

    public static MilvusSegments Of(IEnumerable<Wire.PersistentSegmentInfo> infos, long rowBytes, long smallBytes)
    {
        var flushed = infos.Where(info => info.State == Flushed).ToList();
        var data = flushed.Where(info => info.Level != Level0).ToList();
        return new MilvusSegments(data.Count, data.Count(info => info.NumRows * rowBytes < smallBytes), smallBytes, flushed.Count - data.Count);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Small} of {Data} segments are small (below {SmallBytes >> 20} MiB)")
        + (Deletions > 0 ? string.Create(CultureInfo.InvariantCulture, $", deletions wait in {Deletions} of level 0") : "");
}
