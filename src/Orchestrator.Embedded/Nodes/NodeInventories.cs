using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>Measures the units of a node. A plain class on its mailbox.</summary>
internal sealed class NodeInventories(INode node, NodeCollections collections)
{
    public static string UnknownMode(string mode) => $"the mode '{mode}' is unknown; there is {string.Join(", ", EmbeddedCapabilities.Instance.Modes)}";

    public void OnTakeInventory(TakeInventory request, IActorRef sender)
    {
        var mode = request.Mode.Length == 0 ? EmbeddedCapabilities.Instance.Modes[0] : request.Mode;
        if (!EmbeddedCapabilities.Instance.Modes.Contains(mode))
        {
            sender.Tell(node.Refusal(RefusalCode.Invalid, UnknownMode(mode)));
            return;
        }

        // What cannot be measured is left out, and named by the observation; the other collections are as good as ever.
        Gather(mode, request.EngineOptions, [.. collections.Databases.Keys]).PipeTo(
            sender,
            node.Self,
            known => new NodeInventory(
                node.Options.Node,
                mode,
                EmbeddedCapabilities.Instance,
                [.. known.Estimates.Where(unit => !SystemDatabases.Contains(unit.Size.Unit.Database))],
                node.Now)
            {
                SystemUnits = [.. known.Estimates.Where(unit => SystemDatabases.Contains(unit.Size.Unit.Database))],
            },
            error => node.Refusal(RefusalCode.Unavailable, $"the collections cannot be measured: {error.Message}"));
    }

    /// <summary>All units of databases, in order of database, collection, documents before indexes.</summary>
    public async Task<UnitsKnown> Gather(string mode, OptionValues engineOptions, IReadOnlyList<string> wanted)
    {
        var asked = wanted
            .Where(collections.Databases.ContainsKey)
            .Select(name => collections.Databases[name].Ask<DatabaseUnits>(new EstimateUnits(mode, EmbeddedCapabilities.FreeSpaceTargetBytes(engineOptions)), node.Options.CollectionTimeout))
            .ToList();
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        var measured = answers.SelectMany(answer => answer.Collections).ToList();
        var units = measured
            .SelectMany(collection => collection.Units)
            .OrderBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal)
            .ThenBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal)
            .ThenBy(unit => (unit.Size.Unit as IndexUnit)?.Index ?? "", StringComparer.Ordinal)
            .ToList();
        return new UnitsKnown(units, [.. measured.Where(collection => collection.Failure.Length > 0)], "");
    }
}
