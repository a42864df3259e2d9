namespace Orchestrator.Host.Configuration;

/// <summary>Who is told of what happens.</summary>
internal sealed record NotificationSettings
{
    public required IReadOnlyList<WebhookSettings> Webhooks { get; init; }

    /// <summary>How often it is looked for news.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>How old an event may be when a webhook is told of events for the first time.</summary>
    public required TimeSpan Lookback { get; init; }

    public required TimeSpan Timeout { get; init; }

    public required TimeSpan MinBackoff { get; init; }

    public required TimeSpan MaxBackoff { get; init; }

    /// <summary>How long an event is tried, from its first attempt and from when it happened; one attempt there is in any case.</summary>
    public required TimeSpan RetryFor { get; init; }
}

/// <summary>An address that events are sent to.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Url">May hold a secret: not to be logged.</param>
/// <param name="Secret">Signs what is sent; empty for no signature.</param>
/// <param name="Events">Patterns of event types, with * for any text.</param>
/// <param name="Clusters">Names of clusters; empty for all.</param>
internal sealed record WebhookSettings(
    string Name, Uri Url, Secret Secret, IReadOnlyList<string> Events, IReadOnlyList<string> Clusters)
{
    public override string ToString() => $"WebhookSettings {{ {Name} }}";
}
