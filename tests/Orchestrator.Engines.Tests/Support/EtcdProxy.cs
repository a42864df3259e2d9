using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Orchestrator.Host.Demo;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>
/// Stands before one etcd member, counts its defragmentations, and can make one last: until it is released the member answers
/// neither it nor any read, as etcd does, and carries it out in the end whoever still waits for the answer.
/// </summary>
internal sealed class EtcdProxy : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<Task, bool> answering = [];
    private readonly Uri target;
    private Task serving;
    private TaskCompletionSource held = Open();
    private int defragmentations;
    private TaskCompletionSource ended = Open();

    public EtcdProxy(Uri target)
    {
        this.target = target;
        Url = new Uri($"http://127.0.0.1:{FreePorts.Find(1)[0]}/");
        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        serving = Serve();
    }

    public Uri Url { get; }

    /// <summary>How often the member was ordered to defragment.</summary>
    public int Defragmentations => Volatile.Read(ref defragmentations);

    /// <summary>How long every answer is kept back.</summary>
    public TimeSpan Delay { get; set; }

    public void Hold() => held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => held.TrySetResult();

    /// <summary>The member has died: whatever it was at is not done, and nobody listens until <see cref="Restart"/>.</summary>
    public async Task Cut()
    {
        listener.Stop();
        await serving;
        held.TrySetCanceled();
        held = Open();
    }

    public void Restart()
    {
        listener.Start();
        serving = Serve();
    }

    public async ValueTask DisposeAsync()
    {
        held.TrySetCanceled();
        listener.Stop();
        await serving;
        await Task.WhenAll(answering.Keys);
        listener.Close();
        http.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
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
                return;
            }

            var task = Answer(context);
            answering[task] = true;
            _ = task.ContinueWith(ended => answering.TryRemove(ended, out _), TaskScheduler.Default);
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        try
        {
            var path = context.Request.Url!.AbsolutePath;
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            await Task.Delay(Delay);
            if (path == "/v3/maintenance/defragment")
            {
                ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Interlocked.Increment(ref defragmentations);
                try
                {
                    await held.Task;
                    await Pass(context, path, body);
                }
                finally
                {
                    ended.TrySetResult();
                }

                return;
            }

            if (path.StartsWith("/v3/kv/", StringComparison.Ordinal))
            {
                await ended.Task;
            }

            await Pass(context, path, body);
        }
        catch (Exception e) when (e is HttpRequestException or HttpListenerException or IOException or OperationCanceledException or InvalidOperationException)
        {
            context.Response.Abort();
        }
    }

    private async Task Pass(HttpListenerContext context, string path, MemoryStream body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(target, path));
        request.Content = new ByteArrayContent(body.ToArray());
        if (context.Request.Headers["Authorization"] is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        using var response = await http.SendAsync(request);
        context.Response.StatusCode = (int)response.StatusCode;

        // The member must be reached through here alone, so its advertised URL is this one.
        var answer = (await response.Content.ReadAsStringAsync()).Replace(
            target.GetLeftPart(UriPartial.Authority), Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        context.Response.Close();
    }
}
