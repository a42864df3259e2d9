using System.CommandLine;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli;

/// <summary>The options of <c>plan</c> and <c>compact</c>: what to compact, and how.</summary>
internal sealed class ScopeOptions
{
    private readonly Option<string[]> databases = Names("--database", "NAME", "Only this database (may be repeated).");

    private readonly Option<string[]> collections = Names("--collection", "NAME", "Only this collection, plain or as database/collection (may be repeated).");

    private readonly Option<string[]> indexes = Names("--index", "NAME", "Only this index, or 'all' (the default) or 'none' (may be repeated).");

    private readonly Option<bool> noDocuments = new("--no-documents") { Description = "Leave the documents out; indexes alone." };

    private readonly Option<string[]> nodes = Names("--node", "NAME", "Only this node (may be repeated).");

    private readonly Option<string[]> replicaSets = Names("--replica-set", "NAME", "Only this replica set (may be repeated).");

    private readonly Option<string?> mode = new("--mode") { Description = "Compaction mode; the engine's default unless given.", HelpName = "MODE" };

    private readonly Option<bool> force = new("--force")
    {
        Description = "Compact a primary in place instead of stepping it down first, and sets of a single member.",
    };

    private readonly Option<int?> freeSpaceTargetMB = new("--free-space-target-mb")
    {
        Description = "Free space that may stay in a file, in MiB (mode incremental).",
        HelpName = "MIB",
    };

    private readonly Option<long?> maxBytesPerSecond = new("--max-bytes-per-second")
    {
        Description = "Limit of the copying rate of each node; 0 is unlimited.",
        HelpName = "BYTES",
    };

    private readonly Option<bool> giveBackPrimary = new("--give-back-primary") { Description = "Return the role of primary to its former holder at the end." };

    private readonly Option<long?> minReclaimableBytes = new("--min-reclaimable-bytes") { Description = "Leave out what would free less.", HelpName = "BYTES" };

    private readonly Option<double?> minFragmentation = new("--min-fragmentation") { Description = "Leave out what is less fragmented, 0 to 1.", HelpName = "SHARE" };

    private readonly Option<string?> comment = new("--comment") { Description = "Free text that appears in logs, events and reports.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            databases, collections, indexes, noDocuments, nodes, replicaSets, mode, force, freeSpaceTargetMB,
            maxBytesPerSecond, giveBackPrimary, minReclaimableBytes, minFragmentation, comment,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The request body; what was not said is left to the server's defaults.</summary>
    public CompactionBody Read(ParseResult parsed, string cluster) => new(
        cluster,
        new ScopeBody(
            NullIfEmpty(parsed.GetValue(databases)),
            NullIfEmpty(parsed.GetValue(collections)),
            parsed.GetValue(noDocuments) ? false : null,
            Indexes(parsed.GetValue(indexes) ?? []),
            NullIfEmpty(parsed.GetValue(nodes)),
            NullIfEmpty(parsed.GetValue(replicaSets))),
        new OptionsBody(
            parsed.GetValue(mode),
            parsed.GetValue(force) ? true : null,
            parsed.GetValue(freeSpaceTargetMB),
            parsed.GetValue(maxBytesPerSecond),
            parsed.GetValue(giveBackPrimary) ? true : null,
            parsed.GetValue(minReclaimableBytes),
            parsed.GetValue(minFragmentation),
            parsed.GetValue(comment)));

    private static Option<string[]> Names(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = false };

    private static IReadOnlyList<string>? NullIfEmpty(string[]? names) => names is { Length: > 0 } ? names : null;

    private static IndexSelection? Indexes(string[] names) => names switch
    {
        [] => null,
        ["all"] => IndexSelection.All,
        ["none"] => IndexSelection.None,
        _ => IndexSelection.Named(names),
    };
}
