using System.Diagnostics;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Members;

/// <summary>Makes spans of calls to drivers. HTTP requests that a driver sends meanwhile are spans below, and tell the database of the trace.</summary>
internal static class DriverCalls
{
    private static readonly ActivitySource Source = new(RunTrace.WorkSource);

    /// <param name="name">What is called, for example <c>poll job</c>.</param>
    /// <param name="parent">The run or the step that it is for.</param>
    /// <param name="member">Empty for a call to the whole cluster.</param>
    public static async Task<T> Trace<T>(string name, ActivityContext parent, IEngineCluster cluster, string member, Func<Task<T>> call)
    {
        using var span = Source.StartActivity(ActivityKind.Client, parent, name: name);
        span?.SetTag("orchestrator.cluster", cluster.Name);
        span?.SetTag("orchestrator.engine", cluster.Engine);
        span?.SetTag("orchestrator.member", member.Length > 0 ? member : null);
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    public static Task Trace(string name, ActivityContext parent, IEngineCluster cluster, string member, Func<Task> call) =>
        Trace(name, parent, cluster, member, async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        });
}
