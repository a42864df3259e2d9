using System.Text.Json.Nodes;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>What the server does for one <c>POST /admin/compact</c>: indexes while the database serves, then the documents, for which it is locked.</summary>
public sealed class RavenDoubleCompaction(RavenDoubleNode node, RavenDoubleDatabase database, JsonObject settings, RavenDoubleOperation operation)
{
    private readonly JsonObject _indexes = [];

    private RavenDoubleCopy Copy => database.On(node.Tag);

    public async Task Run()
    {
        foreach (var name in (settings["Indexes"] as JsonArray ?? []).Select(index => (string)index!))
        {
            if (!Copy.Indexes.TryGetValue(name, out var index))
            {
                _indexes[name] = new JsonObject { ["Skipped"] = true, ["Message"] = $"Index '{name}' does not exist." };
                continue;
            }

            if (index.Engine == "Corax")
            {
                operation.Fault("Raven.Client.Exceptions.Corax.NotSupportedInCoraxException", "Compaction is not supported by Corax indexes.");
                return;
            }

            _indexes[name] = new JsonObject { ["Message"] = "Compacting", ["GlobalProgress"] = 25, ["GlobalTotal"] = 100, ["Skipped"] = false };
            if (!await Work())
            {
                operation.Cancel();
                return;
            }

            Copy.Indexes[name] = index.Type.EndsWith("MapReduce", StringComparison.Ordinal) ? index : index with { File = index.File.Compacted };
        }

        var (before, after) = (0L, 0L);
        if ((bool?)settings["Documents"] == true)
        {
            if (Copy.IsLocked)
            {
                operation.Fault(RavenDoubleNode.DisabledType, node.LockedText(database.Name));
                return;
            }

            Copy.IsLocked = true;
            var done = await Work();
            before = Copy.Documents.Bytes;
            if (done)
            {
                Copy.Documents = Copy.Documents.Compacted;
            }

            after = Copy.Documents.Bytes;
            Copy.IsLocked = false;
            if (!done)
            {
                // A compaction of documents that was killed does not end as canceled.
                operation.Fault("System.OperationCanceledException", "The operation was canceled.");
                return;
            }
        }

        operation.Complete(new JsonObject
        {
            ["Name"] = database.Name,
            ["SizeBeforeCompactionInMb"] = before >> 20,
            ["SizeAfterCompactionInMb"] = after >> 20,
            ["IndexesResults"] = _indexes.DeepClone(),
            ["Messages"] = new JsonArray(),
            ["Message"] = "Compaction has been completed",
            ["Skipped"] = false,
        });
    }

    /// <returns>Whether it was not killed meanwhile.</returns>
    private async Task<bool> Work()
    {
        operation.Progress = new JsonObject
        {
            ["Message"] = "Compacting",
            ["TreeName"] = "Collection.Documents",
            ["TreeProgress"] = 1,
            ["TreeTotal"] = 4,
            ["GlobalProgress"] = 25,
            ["GlobalTotal"] = 100,
            ["Skipped"] = false,
            ["IndexesResults"] = _indexes.DeepClone(),
        };
        if (node.Held is { } held)
        {
            await Task.WhenAny(held.Task, operation.Killed.Task);
        }

        return !operation.IsKilled;
    }
}
