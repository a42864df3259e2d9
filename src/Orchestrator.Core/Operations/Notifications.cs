using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>A question or an order about how far webhooks have been told.</summary>
public interface INotificationRequest : ISupervisorRequest;

/// <summary>
/// Asks for <see cref="WebhookPlaces"/> of exactly these webhooks. Those that are new are told of what happens from a time on, those that
/// are not named any more are forgotten, and so are the runs that are not named, where any are.
/// </summary>
/// <param name="Since">For new ones: what happened before this is not sent.</param>
/// <param name="Runs">Ids of the runs that can still be read; empty where that is not known, as in the first minutes of a supervisor.</param>
public sealed record FollowWebhooks(IReadOnlyList<string> Webhooks, DateTimeOffset Since, IReadOnlyList<string> Runs, DateTimeOffset Now) : INotificationRequest;

/// <summary>A webhook has taken everything of a stream up to a number, or it was given up. Going back is ignored. Answered with <see cref="WebhookPlaces"/>.</summary>
/// <param name="Stream">Id of a run; empty for the audit trail.</param>
public sealed record MoveWebhook(string Webhook, string Stream, long Through, DateTimeOffset Now) : INotificationRequest;

/// <summary>How far webhooks have been told.</summary>
public sealed record WebhookPlaces(IReadOnlyList<WebhookPlace> Webhooks);

/// <summary>How far one webhook has been told.</summary>
/// <param name="Since">What happened before this is not sent.</param>
/// <param name="Streams">The last number of each stream of which anything was passed.</param>
public sealed record WebhookPlace(string Webhook, DateTimeOffset Since, IReadOnlyList<StreamPlace> Streams);

/// <param name="Stream">Id of a run; empty for the audit trail.</param>
public sealed record StreamPlace(string Stream, long Through);
