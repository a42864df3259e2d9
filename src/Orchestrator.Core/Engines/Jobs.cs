using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Engines;

/// <summary>
/// Names one compaction that a member carries out, in words that only its driver understands. It outlives the process that
/// started the job: a run stores it before it does anything else.
/// </summary>
[JsonConverter(typeof(JobIdConverter))]
public sealed record JobId(string Value)
{
    public sealed override string ToString() => Value;
}

/// <summary>What a job is to do.</summary>
/// <param name="Ticket">The attempt that it is for.</param>
/// <param name="Units">The units in their order, with their sizes before: by these a job that the member no longer knows is judged.</param>
/// <param name="Settings">How.</param>
public sealed record JobOrder(CompactionTicket Ticket, IReadOnlyList<UnitSize> Units, CompactionSettings Settings)
{
    public static JobOrder Of(CompactUnits order) => new(
        order.Ticket,
        [.. order.Units.Select(unit => order.Before.FirstOrDefault(size => size.Unit == unit) ?? new UnitSize(unit, 0, 0, 0))],
        order.Settings);
}

/// <summary>Where a job stands, as its member tells.</summary>
public abstract record JobStatus
{
    private JobStatus()
    {
    }

    /// <summary>It is at work.</summary>
    public sealed record Running(CompactionProgress Progress) : JobStatus;

    /// <summary>Every unit is compacted.</summary>
    public sealed record Succeeded(IReadOnlyList<UnitCompacted> Units) : JobStatus
    {
        /// <summary>By what that was judged, where the member did not tell it; else empty.</summary>
        public string Judged { get; init; } = "";
    }

    /// <summary>It has ended without finishing; <paramref name="Units"/> are those that were done before.</summary>
    public sealed record Failed(string Reason, IReadOnlyList<UnitCompacted> Units) : JobStatus
    {
        /// <summary>Whether it would fail again until an operator has changed something.</summary>
        public bool IsPermanent { get; init; }
    }

    /// <summary>It has stopped, and another one for the same units goes on from there.</summary>
    public sealed record Paused(IReadOnlyList<UnitCompacted> Units, CompactionProgress Progress) : JobStatus;

    /// <summary>The member answers, is not working on it and does not know how it has ended.</summary>
    /// <param name="Evidence">What was seen instead, for the operator.</param>
    public sealed record Unknown(string Evidence) : JobStatus;
}

/// <summary>Judges a job that its member no longer knows by the sizes of its files, since it must not be ordered again blindly.</summary>
public static class JobJudge
{
    /// <param name="now">The sizes now.</param>
    /// <param name="evidence">What the driver has seen, for the operator.</param>
    public static JobStatus Judge(JobOrder order, IReadOnlyList<UnitSize> now, string evidence)
    {
        var present = now.ToDictionary(size => size.Unit);
        var done = order.Units
            .Select(before => (Before: before, Now: present.GetValueOrDefault(before.Unit)))
            .Where(sizes => sizes.Now is { } size && IsDone(sizes.Before, size))
            .Select(sizes => new UnitCompacted(
                sizes.Before.Unit, sizes.Before.FileBytes, sizes.Now!.FileBytes, 0, 0, TimeSpan.Zero, TimeSpan.Zero))
            .ToList();
        var freed = ByteText.Of(done.Sum(unit => unit.BytesFreed));
        if (done.Count == order.Units.Count)
        {
            return new JobStatus.Succeeded(done) { Judged = $"judged by its files, which are {freed} smaller: {evidence}" };
        }

        var how = done.Count == 0 ? "its files are not smaller than before" : $"{done.Count} of {order.Units.Count} units are smaller, by {freed}";
        return new JobStatus.Failed($"judged not done, {how}: {evidence}", done);
    }

    /// <summary>Files of a living database change by themselves: only a good part of what was reclaimable is evidence.</summary>
    private static bool IsDone(UnitSize before, UnitSize now) =>
        before.FileBytes > now.FileBytes && before.FileBytes - now.FileBytes >= before.ReclaimableBytes / 2;
}

/// <summary>A job id is a plain string in JSON.</summary>
public sealed class JobIdConverter : JsonConverter<JobId>
{
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("a job id is a string"));

    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
