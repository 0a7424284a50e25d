//! Any bytes as the body of a message. What is understood is understood again when it is put back
//! on the queue.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyservice::job::{RemotePath, Request};

fuzz_target!(|body: &[u8]| {
    let Ok(work) = RemotePath::parse("work") else {
        return;
    };
    let Ok(requests) = Request::parse(body, &work) else {
        return;
    };
    for request in requests {
        let mut again = Request::parse(&request.to_body(&work), &work);
        // What we do not know keeps its keys; a number there may come back in its last digit.
        if let Ok([again]) = again.as_deref_mut() {
            assert!(again.extra.keys().eq(request.extra.keys()));
            again.extra.clone_from(&request.extra);
        }
        assert_eq!(again.ok(), Some(vec![request]));
    }
});
