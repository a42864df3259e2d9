namespace Orchestrator.MongoDouble;

/// <summary>Somebody who may log in.</summary>
/// <param name="Actions">The privilege actions that the user has, on every database and the cluster; null for all.</param>
internal sealed record DoubleUser(string Name, string Password, IReadOnlySet<string>? Actions = null)
{
    public bool May(string action) => Actions is null || Actions.Contains(action);
}
