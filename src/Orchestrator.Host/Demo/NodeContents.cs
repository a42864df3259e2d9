using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>Reads what one node itself holds of the demo's collection, from its change feed.</summary>
internal static class NodeContents
{
    private const int Page = 2000;

    /// <summary>Hashes of all live documents.</summary>
    /// <param name="onDocument">Gets each live document.</param>
    public static async Task<Dictionary<string, UInt128>> Read(
        Uri node, Action<string, ReadOnlyMemory<byte>>? onDocument, CancellationToken cancellationToken)
    {
        using var client = new OrchestratorClient(node, OrchestratorClient.DefaultTimeout, followRedirects: false);
        var found = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        var since = 0L;
        while (true)
        {
            var piece = await client.Changes(DemoData.Collection, since, Page, cancellationToken);
            foreach (var change in piece.Changes)
            {
                Take(change, found, onDocument);
            }

            if (piece.Through >= piece.LastSeq || piece.Through <= since)
            {
                return found;
            }

            since = piece.Through;
        }
    }

    private static void Take(ChangeDto change, Dictionary<string, UInt128> found, Action<string, ReadOnlyMemory<byte>>? onDocument)
    {
        if (change.Deleted || change.Body is not { ValueKind: JsonValueKind.Object } body)
        {
            found.Remove(change.Id);
            return;
        }

        var bytes = JsonMarshal.GetRawUtf8Value(body);
        found[change.Id] = AcknowledgedWrites.Hash(bytes);
        onDocument?.Invoke(change.Id, bytes.ToArray());
    }
}
