using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>The rules of how far webhooks have been told. Invariant: a place never goes back.</summary>
public static class NotificationDecider
{
    /// <summary>What a request leads to. Changes nothing itself.</summary>
    public static IReadOnlyList<NotificationEvent> Decide(NotificationState state, INotificationRequest request) => request switch
    {
        FollowWebhooks follow => Follow(state, follow),
        MoveWebhook move => state.Webhooks.TryGetValue(move.Webhook, out var webhook) && webhook.Streams.GetValueOrDefault(move.Stream) < move.Through
            ? [new WebhookMoved(move.Webhook, move.Stream, move.Through, move.Now)]
            : [],
        _ => throw new InvalidOperationException($"unknown request {request.GetType().Name}"),
    };

    /// <summary>The state after an event.</summary>
    public static NotificationState Apply(NotificationState state, NotificationEvent fact) => fact switch
    {
        WebhookFollowed e => new NotificationState(state.Webhooks.SetItem(
            e.Webhook, new FollowedWebhook(e.Since, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal)))),
        WebhookMoved e when state.Webhooks.TryGetValue(e.Webhook, out var webhook) => new NotificationState(
            state.Webhooks.SetItem(e.Webhook, webhook with { Streams = webhook.Streams.SetItem(e.Stream, e.Through) })),
        WebhookMoved => state,
        WebhookForgotten e => new NotificationState(state.Webhooks.Remove(e.Webhook)),
        StreamsForgotten e => new NotificationState(state.Webhooks.SetItems(state.Webhooks.Select(webhook => KeyValuePair.Create(
            webhook.Key, webhook.Value with { Streams = webhook.Value.Streams.RemoveRange(e.Streams) })))),
        _ => throw new InvalidOperationException($"unknown event {fact.GetType().Name}"),
    };

    private static List<NotificationEvent> Follow(NotificationState state, FollowWebhooks follow)
    {
        var runs = follow.Runs.ToHashSet(StringComparer.Ordinal);
        var gone = state.Webhooks.Values
            .SelectMany(webhook => webhook.Streams.Keys)
            .Where(stream => stream.Length > 0 && runs.Count > 0 && !runs.Contains(stream))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return
        [
            .. state.Webhooks.Keys.Except(follow.Webhooks, StringComparer.Ordinal).Select(webhook => new WebhookForgotten(webhook, follow.Now)),
            .. follow.Webhooks.Distinct(StringComparer.Ordinal).Where(webhook => !state.Webhooks.ContainsKey(webhook))
                .Select(webhook => new WebhookFollowed(webhook, follow.Since, follow.Now)),
            .. gone.Count > 0 ? [new StreamsForgotten(gone, follow.Now)] : Array.Empty<NotificationEvent>(),
        ];
    }
}
