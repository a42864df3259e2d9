using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Orchestrator.Host.Demo;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>A server on loopback that gives recorded answers of etcd's gateway, and remembers what it was asked.</summary>
internal sealed class RecordedEtcd : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;

    public RecordedEtcd(Dictionary<string, (int Code, string Body)> answers)
    {
        Answers = new(answers);
        Url = new Uri($"http://127.0.0.1:{FreePorts.Find(1)[0]}/");
        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        serving = Serve();
    }

    public Uri Url { get; }

    public ConcurrentDictionary<string, (int Code, string Body)> Answers { get; }

    public ConcurrentQueue<(string Path, string Body, string Authorization)> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task Serve()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException)
            {
                return; // Stopped, before or while it listened.
            }

            try
            {
                await Answer(context);
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException or IOException)
            {
                // The client gave the question up, or the server ends with a question under way: nobody waits for the answer.
            }
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        Asked.Enqueue((path, await reader.ReadToEndAsync(), context.Request.Headers["Authorization"] ?? ""));
        var (code, body) = Answers.GetValueOrDefault(path, (404, "Not Found\n"));
        context.Response.StatusCode = code;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }
}
