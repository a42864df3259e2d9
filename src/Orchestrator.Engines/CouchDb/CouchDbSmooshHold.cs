using System.Text.Json.Nodes;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// Keeps smoosh from beginning anything: its channels get no workers, by settings that are not written to the nodes' files, so that a node
/// that starts again has its own ones. What the settings were stands in the claim's document before anything is changed, as
/// <c>{ NODE: { CHANNEL: VALUE or null } }</c>: whoever finds it there puts it back.
/// </summary>
internal sealed class CouchDbSmooshHold(CouchDbRoster roster)
{
    private const string Key = "concurrency";

    private static readonly string[] Channels =
        ["upgrade_dbs", "upgrade_views", "ratio_dbs", "slack_dbs", "ratio_views", "slack_views", "index_cleanup"];

    /// <summary>Adds the settings of nodes that are not known yet; one that does not answer is left out.</summary>
    /// <returns>Whether there are any.</returns>
    public async Task<bool> Note(JsonObject known, CancellationToken cancellationToken)
    {
        var hasNew = false;
        foreach (var node in roster.Nodes.Where(node => !known.ContainsKey(node)).ToList())
        {
            var values = new JsonObject();
            hasNew |= await IfItAnswers(async () =>
            {
                foreach (var channel in Channels)
                {
                    values[channel] = await roster.Calls(node).Setting($"smoosh.{channel}", Key, cancellationToken).ConfigureAwait(false);
                }

                known[node] = values;
            }).ConfigureAwait(false);
        }

        return hasNew;
    }

    public async Task Stop(JsonObject known, CancellationToken cancellationToken)
    {
        foreach (var node in known.Select(pair => pair.Key))
        {
            await IfItAnswers(() => SetAll(node, _ => "0", cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the settings back and removes the nodes of which that succeeded.</summary>
    public async Task PutBack(JsonObject known, CancellationToken cancellationToken)
    {
        foreach (var (node, values) in known.ToList())
        {
            // A node that has left the cluster has nothing to put back.
            if (!roster.Nodes.Contains(node)
                || await IfItAnswers(() => SetAll(node, channel => values?[channel]?.GetValue<string>(), cancellationToken)).ConfigureAwait(false))
            {
                known.Remove(node);
            }
        }
    }

    private async Task SetAll(string node, Func<string, string?> value, CancellationToken cancellationToken)
    {
        foreach (var channel in Channels)
        {
            await roster.Calls(node).ChangeSetting($"smoosh.{channel}", Key, value(channel), cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IfItAnswers(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return true;
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            return false;
        }
        catch (CouchDbRefusal refusal) when (refusal.IsNodeDown || refusal.IsUnknownNode || refusal.IsPassing)
        {
            return false;
        }
    }
}
