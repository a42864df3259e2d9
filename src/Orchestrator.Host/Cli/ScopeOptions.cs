using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Cli;

/// <summary>The options of <c>plan</c> and <c>compact</c>: what to compact, and how.</summary>
internal sealed class ScopeOptions
{
    private readonly Option<string[]> databases = Names("--database", "NAME", "Only this database, or those that a pattern matches: * for any text, ? for one character (may be repeated).");

    private readonly Option<string[]> collections = Names("--collection", "NAME", "Only this collection, plain or as database/collection (may be repeated).");

    private readonly Option<string[]> indexes = Names("--index", "NAME", "Only this index, or those that a pattern matches, or 'all' (the default) or 'none' (may be repeated).");

    private readonly Option<bool> noDocuments = new("--no-documents") { Description = "Compact only indexes, no documents." };

    private readonly Option<string[]> nodes = Names("--node", "NAME", "Only this node (may be repeated).");

    private readonly Option<string[]> replicaSets = Names("--replica-set", "NAME", "Only this replica set (may be repeated).");

    private readonly Option<string?> mode = new Option<string?>("--mode")
    {
        Description = "Compaction mode; the engine's default unless given; auto: chosen for each member. "
            + string.Join("; ", EngineProviders.All.Descriptions.Select(engine => $"{engine.Name}: {string.Join(", ", engine.Capabilities.Modes)}")) + ".",
        HelpName = "MODE",
    }.Offering([.. EngineProviders.All.Descriptions.SelectMany(engine => engine.Capabilities.Modes), CompactionOptions.AutoMode]);

    private readonly Option<bool> force = new("--force")
    {
        Description = "Compact a primary in place instead of stepping it down first, and sets of a single member.",
    };

    private readonly Option<long?> maxBytesPerSecond = UnitOptions.Size(
        "--max-bytes-per-second", "Limit of the copying rate of each node, such as 20MiB; 0 is unlimited.");

    private readonly Option<bool> giveBackPrimary = new("--give-back-primary") { Description = "Return the role of primary to its former holder at the end." };

    private readonly Option<long?> minReclaimableBytes = UnitOptions.Size(
        "--min-reclaimable-bytes", "Leave out units that would free less, such as 64MiB; 0 takes everything that frees anything. This option and --min-fragmentation replace the server's limits.");

    private readonly Option<double?> minFragmentation = UnitOptions.Share("--min-fragmentation", "Leave out units that are less fragmented, such as 30% or 0.3.");

    private readonly Option<string?> comment = new("--comment") { Description = "Free text that appears in logs, events and reports.", HelpName = "TEXT" };

    private readonly Option<bool> includeLearners = new("--include-learners") { Description = "Compact learners too. Only engines that have them." };

    private readonly Option<bool> verify = new("--verify") { Description = "Check each member's files after its compaction and compare it with the other members, before the next one starts." };

    private readonly Option<string?> onFailure = new Option<string?>("--on-failure")
    {
        Description = "What happens when a step has failed after all its retries: stop (the default), skip-member or continue.",
        HelpName = "POLICY",
    }.OneOf([.. FailurePolicyNames.All]);

    private readonly Option<int?> maxParallelReplicaSets = new("--max-parallel-replica-sets")
    {
        Description = "Replica sets compacted at the same time; within one set, always one member at a time.",
        HelpName = "COUNT",
    };

    private readonly Option<string?> window = new("--window") { Description = "Work only while this maintenance window is open.", HelpName = "NAME" };

    private readonly Option<bool> needsApproval = new("--needs-approval") { Description = "Do nothing until another person has approved the plan ('approve')." };

    private readonly EngineOptionFlags engineOptions = new(EngineProviders.All);

    public ScopeOptions(CommonOptions common)
    {
        databases.Offering(common, Completions.Databases);
        collections.Offering(common, question => Completions.CollectionPaths(question, question.Line.GetValue(databases)));
        indexes.Offering(common, Completions.Indexes);
        nodes.Offering(common, Completions.Nodes);
        replicaSets.Offering(common, Completions.ReplicaSets);
        window.Offering(common, Completions.Windows);
    }

    public void AddTo(Command command)
    {
        Option[] all =
        [
            databases, collections, indexes, noDocuments, nodes, replicaSets, mode, force,
            maxBytesPerSecond, giveBackPrimary, minReclaimableBytes, minFragmentation, comment,
            includeLearners, verify, onFailure, maxParallelReplicaSets, window, needsApproval, .. engineOptions.All,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(RefuseContradictions);
    }

    private void RefuseContradictions(CommandResult command)
    {
        var named = command.GetValue(indexes) ?? [];
        if (named.Length > 1 && named.FirstOrDefault(name => name is "all" or "none") is { } word)
        {
            command.AddError($"--index {word} stands alone: leave the other --index out.");
        }
        else if (named is ["none"] && command.GetValue(noDocuments))
        {
            command.AddError("--no-documents and --index none leave nothing to compact: leave one of them out.");
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
            parsed.GetValue(maxBytesPerSecond),
            parsed.GetValue(giveBackPrimary) ? true : null,
            Least(parsed),
            parsed.GetValue(minFragmentation),
            parsed.GetValue(comment))
        {
            IncludeLearners = parsed.GetValue(includeLearners) ? true : null,
            Verify = parsed.GetValue(verify) ? true : null,
            OnFailure = parsed.GetValue(onFailure),
            MaxParallelReplicaSets = parsed.GetValue(maxParallelReplicaSets),
            EngineOptions = engineOptions.Read(parsed),
        })
    {
        Window = parsed.GetValue(window),
        NeedsApproval = parsed.GetValue(needsApproval) ? true : null,
    };

    /// <summary>Who gives a limit of nothing wants everything that frees anything; to the server two zeros mean its own limits.</summary>
    private long? Least(ParseResult parsed) => (parsed.GetValue(minReclaimableBytes), parsed.GetValue(minFragmentation)) switch
    {
        (0, null or 0) or (null, 0) => 1,
        var (bytes, _) => bytes,
    };

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
