using System.Text.Json.Nodes;
using Orchestrator.Core;
using Orchestrator.Core.Windows;

namespace Orchestrator.Host.Kubernetes;

/// <summary>Shows whether a MaintenanceWindow is open and when it opens next.</summary>
internal sealed class WindowReconciler(ResourceClient client, TimeProvider time) : IReconciler
{
    private const int Openings = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public ResourceKind Kind => ResourceKind.Window;

    public async Task<TimeSpan?> Reconcile(Resource window, CancellationToken cancellationToken)
    {
        if (window.IsBeingDeleted)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var draft = new StatusDraft(window, now);
        TimeSpan? again = null;
        if (WindowSpec.Read(window, out var problem) is { } read)
        {
            var calendar = new WindowCalendar([read]);
            var status = calendar.StatusAt(now);
            draft.Set("open", status.Open)
                .Set("message", status.Sentence)
                .Set("nextOpenings", new JsonArray([.. calendar.NextOpenings(now, Openings).Select(opening => (JsonNode)TimeText.Iso(opening))]))
                .Condition("Ready", true, "Valid", status.Sentence);
            var change = status.ChangesAt - now;
            again = change is { } until && until < Longest ? until + TimeSpan.FromMilliseconds(10) : Longest;
        }
        else
        {
            draft.Set("open", false).Set("message", problem).Condition("Ready", false, "InvalidSpec", problem);
        }

        await client.Write(Kind, window, draft, cancellationToken);
        return again;
    }
}
