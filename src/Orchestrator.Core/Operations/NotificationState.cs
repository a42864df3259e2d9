using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Operations;

/// <summary>A fact about how far webhooks have been told. Stored in a journal of its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(WebhookFollowed), "webhook-followed")]
[JsonDerivedType(typeof(WebhookMoved), "webhook-moved")]
[JsonDerivedType(typeof(WebhookForgotten), "webhook-forgotten")]
[JsonDerivedType(typeof(StreamsForgotten), "streams-forgotten")]
public abstract record NotificationEvent(DateTimeOffset At);

/// <summary>A webhook is told of what happens from a time on.</summary>
public sealed record WebhookFollowed(string Webhook, DateTimeOffset Since, DateTimeOffset At) : NotificationEvent(At);

/// <summary>A webhook has taken everything of a stream up to a number, or it was given up.</summary>
/// <param name="Stream">Id of a run; empty for the audit trail.</param>
public sealed record WebhookMoved(string Webhook, string Stream, long Through, DateTimeOffset At) : NotificationEvent(At);

/// <summary>A webhook is no longer configured.</summary>
public sealed record WebhookForgotten(string Webhook, DateTimeOffset At) : NotificationEvent(At);

/// <summary>Runs can no longer be read.</summary>
public sealed record StreamsForgotten(IReadOnlyList<string> Streams, DateTimeOffset At) : NotificationEvent(At);

/// <summary>How far each webhook has been told. Its size is bounded by the webhooks that are configured and the runs that are kept.</summary>
public sealed record NotificationState(ImmutableSortedDictionary<string, FollowedWebhook> Webhooks)
{
    public static NotificationState Initial { get; } = new(ImmutableSortedDictionary.Create<string, FollowedWebhook>(StringComparer.Ordinal));

    /// <summary>The shortest history that adds up to this state, for snapshots.</summary>
    public IReadOnlyList<NotificationEvent> ToHistory(DateTimeOffset now) =>
    [
        .. Webhooks.SelectMany(webhook => webhook.Value.Streams
            .Select(NotificationEvent (stream) => new WebhookMoved(webhook.Key, stream.Key, stream.Value, now))
            .Prepend(new WebhookFollowed(webhook.Key, webhook.Value.Since, now))),
    ];

    public WebhookPlaces ToPlaces() => new(
        [.. Webhooks.Select(webhook => new WebhookPlace(
            webhook.Key, webhook.Value.Since, [.. webhook.Value.Streams.Select(stream => new StreamPlace(stream.Key, stream.Value))]))]);
}

/// <summary>How far one webhook has been told.</summary>
/// <param name="Since">What happened before this is not sent.</param>
/// <param name="Streams">The last number of each stream of which anything was passed.</param>
public sealed record FollowedWebhook(DateTimeOffset Since, ImmutableSortedDictionary<string, long> Streams);
